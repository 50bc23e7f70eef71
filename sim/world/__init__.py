"""What there is: calendar, draws, columns, people, places and what drives them."""
