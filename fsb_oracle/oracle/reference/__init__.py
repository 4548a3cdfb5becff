"""The reference: certified exact values in files that other languages read, written and checked by `certify`."""

from fsb_oracle.oracle.reference.build import Built, build
from fsb_oracle.oracle.reference.cases import Case, list_cases
from fsb_oracle.oracle.reference.check import Checked, check
from fsb_oracle.oracle.reference.locate import output_folder, reference_folder

__all__ = ["Built", "Case", "Checked", "build", "check", "list_cases", "output_folder", "reference_folder"]
