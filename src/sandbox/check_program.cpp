#include "sandbox/check_program.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai::sandbox {

namespace {

constexpr std::size_t words_max = 200;  // bytes of one line of a report

// Defines the answer's functions and evaluates the calls. Statements of the answer that fail, as
// input() does, are passed over: what counts is whether the calls work. Python code.
constexpr std::string_view child_program = R"py(
import ast, io, os, sys, textwrap, types

blocks, calls = ast.literal_eval(sys.stdin.buffer.read().decode('utf-8', 'replace'))
out = os.fdopen(os.dup(1), 'wb')
nowhere = os.open('/dev/null', os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(nowhere, number)
TEXT_MAX = 65536

class Printed(io.TextIOBase):
    text = ''
    def writable(self):
        return True
    def write(self, more):
        if len(self.text) < TEXT_MAX:
            self.text += more[:TEXT_MAX]
        return len(more)

def send(index, kind, value, printed):
    said = ascii((index, kind, value[:TEXT_MAX], printed)).encode()
    out.write(b'%08x' % len(said) + said)
    out.flush()

def described(error):
    text = str(error)
    return type(error).__name__ + (': ' + text if text else '')

sys.argv = ['answer']
module = types.ModuleType('answer')
sys.modules['answer'] = module
names = module.__dict__
fault = ''
for block in blocks:
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), Printed(), Printed()
    try:
        tree = ast.parse(textwrap.dedent(block))
        flags = 0
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == '__future__':
                import __future__
                for name in node.names:
                    flags |= getattr(__future__, name.name).compiler_flag
    except BaseException as error:
        fault = fault or described(error)
        continue
    for node in tree.body:
        try:
            part = ast.Module([node], [])
            exec(compile(part, '<answer>', 'exec', flags, True), names)
        except BaseException as error:
            fault = fault or described(error)

def prepared(call):
    tree = ast.parse(call, mode='eval')
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in names:
            solution = names.get('Solution')
            if isinstance(solution, type) and hasattr(solution, node.id):
                names[node.id] = getattr(solution(), node.id)
    return compile(tree, '<example>', 'eval')

for index, call in enumerate(calls):
    printed = Printed()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), printed, Printed()
    try:
        value = eval(prepared(call), names)
        send(index, 'gave', repr(value), printed.text)
    except NameError as error:
        send(index, 'raised', described(error) + (' (' + fault + ')' if fault else ''), '')
    except BaseException as error:
        send(index, 'raised', described(error), printed.text)
)py";

// Starts the child, compares what it gave with what is expected, and reports. The answer's code
// never runs here: an object of its own that claims to equal everything arrives as its text.
constexpr std::string_view parent_program = R"py(
import ast, hashlib, math, os, random, select, subprocess, sys, time

begun = time.monotonic()
END = begun + CHECK_MAX
VARIED = 24
FRAME_MAX = 1 << 20

def say(*words):
    sys.stdout.write(' '.join((TOKEN,) + words) + '\n')
    sys.stdout.flush()

def literal(text):
    try:
        return True, ast.literal_eval(text)
    except BaseException:
        return False, None

def same(one, other):
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers):
        return one == other or (isinstance(one + other, float)
                                and math.isclose(one, other, rel_tol=1e-6))
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other

def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]

def passes(expected, shown, kind, value, printed):
    if kind != 'gave':
        return False
    if shown:
        if lines(printed + ('' if value == 'None' else value)) == lines(expected):
            return True
        if printed:
            return False
    known, wanted = literal(expected)
    good, given = literal(value)
    try:
        return known and good and same(given, wanted)
    except BaseException:
        return False

def canon(value):
    if isinstance(value, dict):
        return '{' + ','.join(sorted(canon(k) + ':' + canon(v) for k, v in value.items())) + '}'
    if isinstance(value, (set, frozenset)):
        return 'set(' + ','.join(sorted(map(canon, value))) + ')'
    if isinstance(value, (list, tuple)):
        return type(value).__name__ + '(' + ','.join(map(canon, value)) + ')'
    if isinstance(value, float):
        return '%.6g' % value
    return repr(value)

chance = random.Random(SEED)

def below(count):
    return int(chance.random() * count)

def varied_text(text):
    letters = text + 'ab' if text.islower() else text + 'aB 1'
    at = below(len(text) + 1)
    kind = below(4)
    if kind == 0 and len(text) > 1:
        return text[:at] + text[at + 1:]
    if kind == 1:
        return text[:at] + letters[below(len(letters))] + text[at:]
    if kind == 2:
        return text[::-1]
    return text[:at] + letters[below(len(letters))] + text[at + 1:]

def varied(value):
    if isinstance(value, bool):
        return below(2) == 1
    if isinstance(value, int):
        low = max(value - 10, -10**9) if value < 0 else max(value - 10, 1 if value else 0)
        return low + below(value + 3 - low + (1 if value >= 0 else -3))
    if isinstance(value, float):
        return round(value * (0.5 + chance.random()), 3)
    if isinstance(value, str):
        return varied_text(value)
    if isinstance(value, tuple):
        return tuple(varied(one) for one in value)
    if isinstance(value, list):
        items = [varied(one) if below(2) else one for one in value]
        kind = below(3)
        if items and kind == 0:
            items.insert(below(len(items) + 1), varied(items[below(len(items))]))
        if len(items) > 1 and kind == 1:
            items.pop(below(len(items)))
        return items
    if isinstance(value, dict):
        return {key: varied(one) for key, one in value.items()}
    return value

def further(calls):
    found = []
    for call in calls:
        try:
            node = ast.parse(call, mode='eval').body
            if not isinstance(node, ast.Call) or not (node.args or node.keywords):
                continue
            found.append((ast.unparse(node.func), [ast.literal_eval(a) for a in node.args],
                          [(k.arg, ast.literal_eval(k.value)) for k in node.keywords]))
        except BaseException:
            continue
    made = []
    for turn in range(VARIED if found else 0):
        name, arguments, named = found[turn % len(found)]
        words = [repr(varied(one)) for one in arguments]
        words += ['%s=%r' % (key, varied(one)) for key, one in named]
        made.append(name + '(' + ', '.join(words) + ')')
    return made

class Child:
    def __init__(self, calls):
        self.process = subprocess.Popen([sys.executable, '-I', '-c', CHILD],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        try:
            self.process.stdin.write(ascii((BLOCKS, calls)).encode())
            self.process.stdin.close()
        except OSError:
            pass
        self.bytes = b''

    def read(self, count, until):
        file = self.process.stdout.fileno()
        while len(self.bytes) < count:
            left = until - time.monotonic()
            if left <= 0 or not select.select([file], [], [], left)[0]:
                return 'late'
            more = os.read(file, 65536)
            if not more:
                return 'gone'
            self.bytes += more
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    # (kind, value, printed) of a call; kind: gave, raised, late or gone.
    def result(self, index, until):
        while True:
            size = self.read(8, until)
            if isinstance(size, str):
                return size, '', ''
            try:
                count = int(size, 16)
            except ValueError:
                return 'gone', '', ''
            said = self.read(count, until) if count <= FRAME_MAX else 'gone'
            if isinstance(said, str):
                return said, '', ''
            known, frame = literal(said.decode())
            if not known or frame[0] > index:
                return 'gone', '', ''
            if frame[0] == index:
                return frame[1:]

say('begun')
calls = [call.decode() for call, expected, shown in EXAMPLES]
more = further(calls)
child = Child(calls + more)
sound = True
over = ''
for index, (call, expected, shown) in enumerate(EXAMPLES):
    if over:
        say('failed', over)
        continue
    kind, value, printed = child.result(index, min(time.monotonic() + CALL_MAX, END))
    if passes(expected.decode(), shown, kind, value, printed):
        say('passed')
        continue
    sound = False
    if kind == 'gave':
        told = printed if shown and printed else value
        say('failed', 'gave ' + ascii(told.strip()[:160])[1:-1])
    elif kind == 'raised':
        say('failed', 'raised ' + ascii(value[:160])[1:-1])
    else:
        over = ('took longer than %g s' % CALL_MAX) if kind == 'late' else 'ended the program'
        say('failed', over)
if sound and len(more) > 0:
    digest = hashlib.sha256()
    for index in range(len(calls), len(calls) + len(more)):
        kind, value, printed = child.result(index, min(time.monotonic() + CALL_MAX, END))
        if kind in ('late', 'gone'):
            sound = False
            break
        known, given = literal(value)
        try:
            text = canon(given) if known else 'other'
        except BaseException:
            text = 'other'
        digest.update(repr((kind, text if kind == 'gave' else '', printed)).encode())
    if sound:
        say('outputs', digest.hexdigest()[:16])
child.process.kill()
say('done')
)py";

// As Python's bytes literal, whatever it holds.
std::string quoted(std::string_view text) {
  std::string out = "b'";
  for (const char c : text) {
    const bool plain = c >= ' ' && c <= '~' && c != '\'' && c != '\\';
    if (plain) out += c;
    if (!plain) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out + '\'';
}

// At most words_max bytes of whole characters, on one line.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= words_max) return text;
  std::size_t end = words_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// What stands behind `token` and a blank in a line; nothing where the line is somebody else's.
bool take_token(std::string_view& line, std::string_view token) {
  if (!line.starts_with(token) || !line.substr(token.size()).starts_with(' ')) return false;
  line.remove_prefix(token.size() + 1);
  return true;
}

}  // namespace

std::string check_program(const CodeTest& test, const CheckOptions& options) {
  std::string program =
      fmt::format("TOKEN = {}.decode()\nCALL_MAX = {:.3f}\nCHECK_MAX = {:.3f}\n",
                  quoted(options.token), seconds(options.call_max), seconds(options.check_max));
  program += fmt::format("SEED = {}\nCHILD = {}.decode()\nBLOCKS = [", options.seed,
                         quoted(child_program));
  for (const auto& block : test.blocks) {
    program += quoted(block) + ".decode('utf-8', 'replace'), ";
  }
  program += "]\nEXAMPLES = [";
  for (const auto& [call, expected, printed] : test.examples) {
    program +=
        fmt::format("({}, {}, {}), ", quoted(call), quoted(expected), printed ? "True" : "False");
  }
  program += "]\n";
  program += parent_program;
  return program;
}

std::string told(const Example& example) {
  return fmt::format("{} == {}", example.call, example.expected);
}

RunResult read_report(std::string_view output, const CodeTest& test, std::string_view token) {
  RunResult result;
  bool begun = false, done = false;
  std::size_t next = 0;  // example
  const auto fails = [&](std::string_view how) {
    if (result.failed++ > 0 || next >= test.examples.size()) return;
    result.why = one_line(fmt::format("{}: {}", told(test.examples[next]), how));
  };
  for (std::size_t from = 0; from < output.size();) {
    const std::size_t end = std::min(output.find('\n', from), output.size());
    std::string_view line = output.substr(from, end - from);
    from = end + 1;
    if (done || !take_token(line, token)) continue;
    if (line == "begun") begun = true;
    if (line == "done") done = true;
    if (line.starts_with("outputs ")) result.outputs = line.substr(8);
    const bool passed = line == "passed";
    const bool failed = line.starts_with("failed ");
    if (passed) ++result.passed;
    if (failed) fails(line.substr(7));
    if (passed || failed) ++next;
  }
  if (done && next == test.examples.size()) return result;
  result.outputs.clear();
  if (begun) {
    if (next < test.examples.size()) {
      fails("ended the program");
    } else if (result.failed++ == 0) {
      result.why = "ended the program that tried it";
    }
    return result;
  }
  const std::string_view said = output.substr(0, output.find('\n'));
  return {.passed = 0,
          .failed = 0,
          .why = one_line(fmt::format("the sandbox failed: {}", said)),
          .outputs = ""};
}

}  // namespace kai::sandbox
