"""What the duty room works with, a list and a form each: sites, boards, people who are told,
who may log in, settings; and every change of them with its way back."""
