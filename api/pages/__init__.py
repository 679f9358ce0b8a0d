"""The pages people open in a browser; they call what the JSON routes call."""
