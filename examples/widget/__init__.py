"""A shop with a chat widget on its pages that measures itself, in the browser and at its back end."""
