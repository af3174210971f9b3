"""gdb commands for Tarn; ../tarn.py loads them."""
