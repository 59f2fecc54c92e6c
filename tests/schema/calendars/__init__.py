"""Tests of the working calendar over HTTP."""
