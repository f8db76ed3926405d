"""The board: what it decides, keeps, says and shows. Imports protocol only; both interpreters."""
