import Jinja
import Testing

@Suite("Templates")
struct TemplateTests {
    private let talk: [String: Value] = [
        "messages": .list([
            .map([.init("role", .text("user")), .init("content", .text(Text(given: " <|end|> Hi, <|end|>\n")))]),
            .map([.init("role", .text("assistant")), .init("content", .text(Text(given: "<think>x</think> Straße")))]),
        ]),
        "end": .text("<|end|>"),
    ]

    private func render(_ template: String, limits: Limits = Limits()) throws -> Text {
        try Template(template, limits: limits).render(talk)
    }

    /// What was given, in brackets.
    private func marked(_ template: String) throws -> String {
        try render(template).runs.map { $0.isGiven ? "[\($0.string)]" : $0.string }.joined()
    }

    // MARK: Who wrote what

    @Test("a character that was given stays marked through everything a template can do with it")
    func provenance() throws {
        let first = "{% set c = messages[0].content %}"
        let second = "{% set c = messages[1].content %}"
        for (template, expected) in [
            (first + "{{ end }}{{ c }}{{ end }}", "<|end|>[ <|end|> Hi, <|end|>\n]<|end|>"),
            (first + "{{ c|trim }}{{ c.strip() ~ end }}", "[<|end|> Hi, <|end|><|end|> Hi, <|end|>]<|end|>"),
            (first + "{{ c.replace('Hi', end) }}", "[ <|end|> ]<|end|>[, <|end|>\n]"),
            (first + "{{ c.replace(end, '!') }}", "[ ]![ Hi, ]![\n]"),
            (first + "{{ c.split()|join(end) }}", "[<|end|>]<|end|>[Hi,]<|end|>[<|end|>]"),
            (first + "{{ c.split(', ')[1]|upper|trim }}", "[<|END|>]"), (first + "{{ c[1:8] + c[3] }}", "[<|end|>e]"),
            (first + "{{ c|list|first }}{{ c|reverse|trim|last }}", "[ <]"),
            (second + "{{ c|title|lower|capitalize }}", "[<think>x</think> straße]"),
            (second + "{{ c.split('</think>')[-1].lstrip()|upper }}", "[STRASSE]"),
            (second + "{{ [c, 'b', {'k': c}]|string|length > 20 }}{{ [c[:7], end] }}", "True['[<think>]', '<|end|>']"),
            (second + "{{ {'k': c[:3]}|tojson }}", "{\"k\": \"[<th]\"}"),
            (second + "{% set x %}{{ c[:2] }}|{% endset %}{{ x }}", "[<t]|"),
            (second + "{% filter upper %}{{ c[:2] }}a{% endfilter %}", "[<T]A"),
            (second + "{% macro f(x) %}({{ x }}){% endmacro %}{{ f(c[:2]) }}", "([<t])"),
            (second + "{{ c[:2] * 2 }}{{ 'ab' * 2 }}", "[<t<t]abab"),
            ("{% for m in messages %}{{ m.role }}:{{ m.content|trim|first }};{% endfor %}", "user:[<];assistant:[<];"),
            (second + "{{ c[:2] ~ 1 }}{{ '\\n' ~ c[:2]|indent(1, true) }}", "[<t]1\n [<t]"),
            (second + "{% for x in c[:2] %}{{ x }}-{% endfor %}", "[<]-[t]-"),
            (second + "{{ missing|default(c[:2]) }}{{ c[:2] or 'x' }}{{ 'x' if no else c[:2] }}", "[<t<t<t]"),
        ] { #expect(try marked(template) == expected, "\(template)") }
    }

    @Test("characters are equal whoever wrote them")
    func equality() throws {
        #expect(
            try render("{{ end in messages[0].content }}{{ messages[0].content.strip().startswith(end) }}").string
                == "TrueTrue")
        #expect(Text(given: "a") == Text("a") && !(Text(given: "a") < Text("a")) && Text(given: "a") < Text("b"))
        let runs = try render("{{ end }}").runs
        #expect(runs.count == 1 && runs[0].string == "<|end|>" && !runs[0].isGiven)
        #expect(try render("").runs.isEmpty)
    }

    // MARK: What it may use

    @Test(
        "a template that would not end, or would fill the memory, is given up",
        arguments: [
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "{% for a in range(99999) %}{{ range(99999)|list|length }}{% endfor %}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{{ 'x' * 99999999999 }}",
            "{{ ('x' * 9999999) * 9 }}", "{{ [1] * 9223372036854775807 }}",
            "{% set x = namespace(s='x') %}{% for i in range(99) %}{% set x.s = x.s ~ x.s %}{% endfor %}",
            "{% set x = namespace(s=[1]) %}{% for i in range(99) %}{% set x.s = x.s + x.s %}{% endfor %}",
            "{% for i in range(99999) %}{{ ('x' * 9999)|upper|length }}{% endfor %}",
            "{{ ('a' * 99999).replace('a', 'b' * 99999) }}",
            "{{ ('a' * 99999).replace('', 'b' * 99999) }}", "{{ (['a'] * 99999)|join('b' * 99999) }}",
            "{{ ('a\\n' * 99999)|indent(9999) }}",
            "{% for i in range(99999) %}{{ 'b' in 'a' * 9999 }}{% endfor %}",
            "{% set x %}" + (0..<9000).map { "{% set n\($0) = 1 %}" }.joined()
                + String(repeating: "{% macro f() %}{% endmacro %}", count: 9000) + "{% endset %}",
            "{% macro f(" + (0..<9000).map { "a\($0)" }.joined(separator: ",") + ") %}{% endmacro %}{{ f("
                + (0..<9000).map { "a\($0)=1" }.joined(separator: ",") + ") }}",
            "{% set x = {" + (0..<2000).map { "'\($0)':1" }.joined(separator: ",")
                + "} %}{% set y = dict(x) %}{% for i in range(99999) %}{{ x == y }}{% endfor %}",
            "{% set x = {" + (0..<300).map { "'\(String(repeating: "a", count: 900))\($0)':1" }.joined(separator: ",")
                + "} %}{% for i in range(99999) %}{{ x['" + String(repeating: "a", count: 900) + "'] }}{% endfor %}",
            "{{ ('a' * 999999).strip('b' * 999999 + 'a') }}", "{{ ('a' * 999999)|trim('b' * 999999 + 'a') }}",
            "{{ ('a' * 9999999).split('a')|length }}", "{{ ('a' * 9999999)|list|length }}",
            "{{ ('\\n' * 9999999).splitlines()|length }}",
            "{% for i in range(99999) %}{{ 'x'.startswith(['a' * 999] * 99) }}{% endfor %}",
            "{% for i in range(99999) %}{{ 'x'.find('a' * 9999) }}{% endfor %}",
            "{% for i in range(9999) %}{{ range(9999)|sort|length }}{% endfor %}",
            "{{ range(99999)|unique|list|length }}",
            "{% for i in range(99999) %}{{ ([i] * 999)|map('string')|join|length }}{% endfor %}",
            "{% set x = namespace(d={}) %}{% for i in range(99) %}{% set x.d = {'a': x.d, 'b': x.d} %}{% endfor %}{{ x.d }}",
            "{% set x = namespace(d={}) %}{% for i in range(99) %}{% set x.d = {'a': x.d, 'b': x.d} %}{% endfor %}{{ x.d|tojson }}",
            "{% set x = namespace(d=[]) %}{% for i in range(99) %}{% set x.d = [x.d, x.d] %}{% endfor %}{{ x.d == x.d }}",
            "{% set x = namespace(d=[]) %}{% for i in range(9999) %}{% set x.d = [x.d] %}{% endfor %}{{ x.d }}",
            "{% set x = namespace(d=[]) %}{% for i in range(9999) %}{% set x.d = [x.d] %}{% endfor %}{{ x.d == [x.d] }}",
        ])
    func exhausted(template: String) throws {
        do {
            _ = try render(template)
            Issue.record("it ended")
        } catch JinjaError.exhausted {}
    }

    @Test(
        "nothing is built that is nested without end, since it could not be taken down again",
        arguments: [
            "{% set x = namespace(d=1) %}{% for i in range(99999) %}{% set x.d = [x.d] %}{% endfor %}",
            "{% set x = namespace(d=1) %}{% for i in range(99999) %}{% set x.d = {'a': x.d} %}{% endfor %}",
            "{% set x = namespace(d=1) %}{% for i in range(99999) %}{% set x.d = dict(a=x.d) %}{% endfor %}",
            "{% set x = namespace(d=1) %}{% for i in range(99999) %}{% for j in [x.d, 1] %}{% set x.d = loop %}{% endfor %}{% endfor %}",
            "{% set x = 1 %}" + String(repeating: "{% set x = [x] %}", count: 50_000),
            "{% set x = 1 %}" + String(repeating: "{% set x = namespace(d=x) %}", count: 30_000),
            "{% set x = namespace(d=1) %}{% for i in range(99999) %}{% set old = x.d %}{% macro f() %}{% endmacro %}{% set x.d = f %}{% endfor %}",
            "{% set x = namespace() %}{% set x.x = x %}", "{% set x = namespace() %}{{ [x] }}",
            "{% set x = namespace() %}{{ {'a': x} }}",
        ])
    func endless(template: String) throws {
        #expect(throws: JinjaError.self) { try render(template) }
        // Macros see no macros, however many there are.
        let macros = "{% set x %}" + String(repeating: "{% macro f() %}{% endmacro %}", count: 30_000) + "{% endset %}"
        #expect(try render(macros).string.isEmpty)
    }

    @Test(
        "what is nested too deeply is refused before it is read to its end",
        arguments: [("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("{1: ", "}")])
    func deepExpressions(open: String, close: String) {
        let deep =
            "{{ " + String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000) + " }}"
        #expect(throws: JinjaError.exhausted("200 levels")) { try Template(deep) }
    }

    @Test(
        "and so is what is nested by following itself",
        arguments: [
            " + 1", "|abs", ".x", "[0]", "()", " or 1", " and 1", " ~ 1", " if 1 else 1", " ** 1", " == 1 or 1",
        ])
    func longChains(link: String) {
        #expect(throws: JinjaError.exhausted("200 levels")) {
            try Template("{{ 1" + String(repeating: link, count: 70_000) + " }}")
        }
    }

    @Test("blocks in blocks as well, and a source of over a megabyte")
    func deepBlocks() {
        let deep = String(repeating: "{% if 1 %}", count: 40_000) + String(repeating: "{% endif %}", count: 40_000)
        #expect(throws: JinjaError.exhausted("200 levels")) { try Template(deep) }
        #expect(throws: JinjaError.exhausted("1048576 bytes")) {
            try Template(String(repeating: "a", count: 1 << 20 | 1))
        }
    }

    @Test("a conversation of a million characters is written")
    func long() throws {
        let content = String(repeating: "Ein Satz. ", count: 100_000)
        let names: [String: Value] = ["m": .map([.init("content", .text(Text(given: content)))])]
        let template = try Template("<|user|>{{ m['content'].split('</think>')[-1]|trim + '<|end|>' }}")
        #expect(try template.render(names).string == "<|user|>" + content.dropLast() + "<|end|>")
    }

    // MARK: Errors

    @Test("an error says where it is and what is wrong")
    func errors() throws {
        for (template, expected) in [
            ("a\n{{ 1 +", "line 2: a tag does not end; it lacks '}}'"),
            ("{% if x %}\n{% endfor %}", "line 2: 'endfor' stands where '{% endif %}' is expected"),
            ("{% for x in y %}", "line 1: the end of the template stands where '{% endfor %}' is expected"),
            ("\n\n{% nosuch %}", "line 3: 'nosuch' is no statement that is known here"),
            ("{{ 'a }}", "line 1: a string does not end"), ("{{ a b }}", "line 1: 'b' stands where '}}' is expected"),
            ("{# a", "line 1: a comment does not end"),
            ("{% endif %}", "line 1: 'endif' ends nothing"), ("{{ 1) }}", "line 1: ')' closes nothing"),
        ] {
            #expect(throws: JinjaError.self) {
                do { _ = try Template(template) } catch { #expect("\(error)" == expected); throw error }
            }
        }
        for (template, expected) in [
            ("\n{{ x.y }}", "line 2: 'x' is not defined, so it has no 'y'"),
            ("{{ x.y.z }}", "line 1: 'x' is not defined, so it has no 'y'"),
            ("{{ messages.a.b }}", "line 1: 'messages.a' is not defined, so it has no 'b'"),
            ("{{ end|nosuch }}", "line 1: 'nosuch' is no filter that is known here"),
            ("{{ end is nosuch }}", "line 1: 'nosuch' is no test that is known here"),
            ("{{ end + 1 }}", "line 1: a string and a number have no '+'"),
            ("{{ strftime_now('%Y') }}", "line 1: 'strftime_now' is not known here"),
            ("{{ messages.append(1) }}", "line 1: a list cannot be changed, so it has no 'append'"),
            ("{{ raise_exception('Only two turns.') }}", "Only two turns."),
            ("{% set end.x = 1 %}", "line 1: 'end' is no namespace, so 'end.x' cannot be set"),
            ("{{ range(100001) }}", "line 1: a range has more than 100000 numbers"),
            ("{{ 9223372036854775807 + 1 }}", "line 1: a number too large"),
        ] {
            #expect(throws: JinjaError.self) {
                do { _ = try render(template) } catch { #expect("\(error)" == expected); throw error }
            }
        }
    }

    @Test("every beginning of a template is read or refused, and what it reads is rendered or refused")
    func truncated() throws {
        let template = """
            {%- macro turn(m, end='\\x3c/s>') -%}{# a turn #}
            {{- '<|' ~ m.role ~ '|>\\n' + m['content'][0:].strip() ~ end }}
            {%- endmacro %}{% raw %}{{ raw }}{% endraw %}
            {% set ns = namespace(n=0) %}{% for m in messages if m.role is defined and not m.role == "x" %}
              {%- set ns.n = ns.n + (1 if loop.first else -2 ** 2 // 3) %}{{ turn(m, end=end) }}{{ [m, {'k': 1.5e1}]|tojson(indent=2) }}
            {% else %}none{% endfor %}{% set x | upper %}{{ ns.n }}{% endset %}{{ x }}
            """
        #expect(try render(template).string.contains("<|user|>\n<|end|> Hi, <|end|><|end|>"))
        let scalars = Array(template.unicodeScalars)
        var rendered = 0
        for count in scalars.indices {
            var start = String.UnicodeScalarView()
            start.append(contentsOf: scalars[..<count])
            if (try? render(String(start))) != nil { rendered += 1 }
        }
        #expect((1..<scalars.count).contains(rendered))
    }
}
