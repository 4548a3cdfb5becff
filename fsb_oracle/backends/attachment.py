"""What the attachments of the differentiating back ends share."""

SECOND_DERIVATIVE = "fourier.expectation has first derivatives in the parameters of its law, and no second ones"
