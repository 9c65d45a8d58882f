"""What users touch: the predictor class, the command line, input and output formats, the HTML report."""
