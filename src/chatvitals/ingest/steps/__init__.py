"""The steps of the pipeline, one a file: each looks at a delivery, and cleans it or rejects events of it."""
