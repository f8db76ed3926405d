"""What the city is told: a numbered log of full states, and its receipts."""
