"""Duty that is no incident (值守): drills, roll calls, daily reports, equipment and its proofs."""
