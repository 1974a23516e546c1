"""How paper is drawn: fonts, QR codes, and sheets of text and tables as PDF. No table lives here."""
