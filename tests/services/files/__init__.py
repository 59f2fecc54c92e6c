"""Do files stay whole, sealed and with those who may read them?"""
