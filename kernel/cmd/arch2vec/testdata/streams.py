"""Standard streams: input from the front end, output in order."""
from client import Kernel, check, end

k = Kernel()
k.execute('import ("bufio"; "fmt"; "encoding/json"; "io"; "log"; "os"; "os/exec"; "strings"; "text/tabwriter")')

READERS = [
    ("fmt.Scan", 'var a, b int\nfmt.Scan(&a, &b)\na + b', ["40", "2"], "42"),
    ("fmt.Scanln", 'var w string\nfmt.Scanln(&w)\nw', ["word"], "word"),
    ("fmt.Fscan(os.Stdin)", 'var x int\nfmt.Fscan(os.Stdin, &x)\nx', ["42"], "42"),
    ("bufio.NewReader", 'line, err := bufio.NewReader(os.Stdin).ReadString(\'\\n\')\nfmt.Print(line, err)', ["a line"], "a line\n<nil>"),
    ("bufio.Scanner", 's := bufio.NewScanner(os.Stdin)\nfor s.Scan() {\n\tfmt.Println("<" + s.Text() + ">")\n}\ns.Err() == nil',
     ["one", "", "two", "\x04"], "<one>\n<>\n<two>\ntrue"),
    ("io.ReadAll", 'all, err := io.ReadAll(os.Stdin)\nfmt.Printf("%q %v", all, err)', ["one", "two", "\x04"], '"one\\ntwo\\n" <nil>'),
    ("os.Stdin.Read", 'p := make([]byte, 10)\nn, err := os.Stdin.Read(p)\nfmt.Printf("%q %v", p[:n], err)', ["abc"], '"abc\\n" <nil>'),
    ("a variable", 'var r io.Reader = os.Stdin\nf := os.Stdin\nvar u, v string\nfmt.Fscanln(r, &u)\nfmt.Fscanln(f, &v)\nfmt.Print(u, v)', ["x", "y"], "xy"),
    ("a JSON decoder", 'var m map[string]int\nerr = json.NewDecoder(os.Stdin).Decode(&m)\nfmt.Print(m, err)', ['{"a": 1}'], "map[a:1] <nil>"),
    ("display.Input", 'answer, err := display.Input("name? ")\nfmt.Print(answer, err)', ["Gopher"], "Gopher<nil>"),
    ("end of input", 'var z int\n_, err = fmt.Scan(&z)\nerr', ["\x04"], "EOF"),
]
for name, code, answers, want in READERS:
    sent = k.client.execute(code, allow_stdin=True)
    prompts = []
    for answer in answers:
        prompts.append(k.client.get_stdin_msg(timeout=20)["content"])
        k.client.input(answer)
    cell = k.finish(sent)
    check(f"{name} asks the front end", cell.text() == want, cell)
    check(f"{name}: its prompts", prompts == [{"prompt": "name? " if "display" in code else "", "password": False}] * len(answers), prompts)

sent = k.client.execute('secret, err := display.Password("key: ")\nlen(secret)', allow_stdin=True)
asked = k.client.get_stdin_msg(timeout=20)["content"]
k.client.input("12345")
check("display.Password asks", asked == {"prompt": "key: ", "password": True} and k.finish(sent).text() == "5", asked)

for code in 'fmt.Scan(&z)', 'bufio.NewReader(os.Stdin).ReadString(10)', 'display.Input("?")':
    cell = k.execute(code, allow_stdin=False)
    check(f"{code} is refused where there is nobody to ask", "allow_stdin is false" in cell.text("stderr"), cell)

sent = k.start("fmt.Scan(&z)", allow_stdin=True)
k.client.get_stdin_msg(timeout=20)
k.manager.interrupt_kernel()
cell = k.finish(sent)
check("a wait for input is interrupted", cell.status == "error" and "nterrupt" in cell.said(), cell)

cell = k.execute('cmd := exec.Command("cat")\ncmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout\ncmd.Run()\nout, err := exec.Command("echo", "hi").Output()\nstring(out)')
check("a program's input ends at once", cell.status == "ok" and "hi" in cell.text(), cell)

# Order between the two streams, by every way to write.
WRITERS = [
    ("fmt.Fprintln", 'fmt.Fprintln(os.Stdout, "out", i)', 'fmt.Fprintln(os.Stderr, "err", i)'),
    ("fmt.Println and fmt.Fprintf", 'fmt.Println("out", i)', 'fmt.Fprintf(os.Stderr, "err %d\\n", i)'),
    ("WriteString", 'os.Stdout.WriteString(fmt.Sprintln("out", i))', 'os.Stderr.Write([]byte(fmt.Sprintln("err", i)))'),
    ("io.WriteString and log", 'io.WriteString(os.Stdout, fmt.Sprintln("out", i))', 'log.Println("err", i)'),
    ("bufio and log.New", 'w.WriteString(fmt.Sprintln("out", i))\nw.Flush()', 'l.Println("err", i)'),
    ("println", 'fmt.Println("out", i)', 'println("err", i)'),
    ("tabwriter and JSON", 'tw := tabwriter.NewWriter(os.Stdout, 0, 8, 1, \' \', 0)\nfmt.Fprintf(tw, "out\\t%d\\n", i)\ntw.Flush()', 'json.NewEncoder(os.Stderr).Encode(i)'),
]
k.execute('w := bufio.NewWriter(os.Stdout)\nl := log.New(os.Stderr, "", 0)\nlog.SetFlags(0)')
for name, out, err in WRITERS:
    cell = k.execute("for i := 0; i < 300; i++ {\n" + out + "\n" + err + "\n}")
    want = "".join(f"out {i}\n" + (f"{i}\n" if "JSON" in name else f"err {i}\n") for i in range(300))
    check(f"{name} keep their order", cell.text() == want, cell)

cell = k.execute('for i := 0; i < 20; i++ {\n\tfmt.Println(i)\n\tdisplay.Display(display.Markdown(fmt.Sprint(i)))\n}')
kinds = [(m["msg_type"], m["content"].get("text") or m["content"]["data"]["text/markdown"] + "\n") for m in cell.messages
         if m["msg_type"] in ("stream", "display_data")]
check("pictures keep their place in the text", kinds == [(kind, f"{i}\n") for i in range(20) for kind in ("stream", "display_data")], kinds)
k.close()
end()
