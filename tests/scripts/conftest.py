"""scripts/ is a folder of programs, not a package: its modules are found by their plain names."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
