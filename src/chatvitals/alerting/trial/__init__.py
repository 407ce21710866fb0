"""Tests of rules, as their authors write them: given the course of a metric, which alerts are wanted when."""
