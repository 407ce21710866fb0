"""The pages that people look at: contexts and templates. HTML without HTTP; the server brings it to browsers."""
