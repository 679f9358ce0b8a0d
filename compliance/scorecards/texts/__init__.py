"""What a scorecard says, in every language it speaks."""
