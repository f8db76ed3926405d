"""`./qianshao doctor`: what is here, what is missing, and the one next step.

It changes nothing, and needs nothing but Python: it must also run where the packages are not
installed, the disk is full or the folder is broken.
"""
