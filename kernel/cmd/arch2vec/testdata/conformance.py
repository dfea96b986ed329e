"""The Jupyter project's kernel tests, on the installed kernel and its real
session. Any version of jupyter_kernel_test: PYTHONPATH chooses."""
import unittest

import jupyter_kernel_test


class KernelTest(jupyter_kernel_test.KernelTests):
    kernel_name = "arch2vec"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'import "os"\nfmt.Fprintln(os.Stderr, "test")'
    completion_samples = [
        # What stands behind the point is replaced.
        {"text": "fmt.Fprintl", "matches": {"Fprintln"}},
        {"text": "fmt.Sprin", "matches": {"Sprint", "Sprintf", "Sprintln"}},
    ]
    complete_code_samples = ["1", 'fmt.Println("hello")', "func f(x int) int {\n\treturn 2 * x\n}\n", "/* a\nb */", "x := []int{\n\t1,\n}"]
    incomplete_code_samples = ["func f() {", "x := `a", "fmt.Println(", "for i := 0; i < 3; i++ {\n", "/* a"]
    invalid_code_samples = ["import = 7q", "x := )", "func 7() {}"]
    code_page_something = "fmt.Println?"
    code_generate_error = 'panic("boom")'
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "func() []int { return []int{1, 2} }()", "result": "[1 2]"},
        {"code": '"a" + "b"', "result": "ab"},
    ]
    code_display_data = [
        {"code": 'display.Display(display.HTML("<b>test</b>"))', "mime": "text/html"},
        {"code": 'display.Display(display.Math("x^2"))', "mime": "text/latex"},
        {"code": 'display.Display(display.Markdown("*x*"))', "mime": "text/markdown"},
        {"code": 'import "image"\ndisplay.Display(display.Image(image.NewGray(image.Rect(0, 0, 2, 2))))', "mime": "image/png"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "search", "range")
    code_inspect_sample = "fmt.Println"
    code_clear_output = "display.Clear(false)"


if __name__ == "__main__":
    unittest.main(verbosity=2)
