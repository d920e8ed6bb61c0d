# A shell pipeline: everything in, the end of input, everything out.
set -eu
out=$(printf '%s\n' \
  '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"sh","version":"1"}}}' \
  '{"method":"initialized"}' \
  '{"id":2,"method":"account/rateLimits/read"}' |
  codex app-server)
test "$(printf '%s\n' "$out" | wc -l)" -eq 2
printf '%s\n' "$out" | grep '"id":2' | grep -q '"usedPercent":62'

# The same from a file, and cut short by the reader.
first=$(printf '%s\n' \
  '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"sh","version":"1"}}}' \
  '{"id":2,"method":"account/read","params":{}}' |
  codex app-server --listen stdio:// | head -n 1)
printf '%s\n' "$first" | grep -q '"codexHome"'
codex --version | grep -qx 'codex-cli 0\.171\.0'
echo done
