"""Tests of settings over HTTP."""
