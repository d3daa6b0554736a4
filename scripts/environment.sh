# Sourced by the other scripts: makes the virtual environment that they run in.
# Afterwards $python is its interpreter. Versions are those of scripts/constraints.txt.
# One environment serves demo, test and bench: whoever goes from one to another installs nothing.
EXTRAS=cpu,ocr,test
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

find_python() {
  for each in "${WEAVCLIP_TEST_PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    if [ -n "$each" ] && "$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$each"
      return
    fi
  done
  echo "weavclip: no Python 3.11 or later found" >&2
  echo "  try: install python3.11 and its venv module, or name one in WEAVCLIP_TEST_PYTHON" >&2
  exit 1
}

# make_environment FOLDER CONSTRAINTS EXTRAS: does nothing when the same was installed before.
make_environment() {
  local folder=$1 constraints=$2 extras=$3 stamp wanted interpreter
  python=$root/$folder/bin/python
  stamp=$root/$folder/.installed
  wanted=$(cat "$constraints" pyproject.toml; echo "$extras"; echo "$root")
  if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  interpreter=$(find_python) || exit 1
  echo "making $folder with $("$interpreter" --version) and the versions in $constraints"
  [ -x "$python" ] || "$interpreter" -m venv "$folder" || exit 1
  "$python" -m pip install --quiet --disable-pip-version-check --constraint "$constraints" \
    --editable ".[$extras]" || exit 1
  printf '%s\n' "$wanted" > "$stamp"
}
