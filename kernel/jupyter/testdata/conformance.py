"""The Jupyter project's kernel tests, with the fake engine's commands as code."""
import unittest

import jupyter_kernel_test


class KernelTest(jupyter_kernel_test.KernelTests):
    kernel_name = "arch2vec"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = "print hello, world"
    code_stderr = "eprint error"
    completion_samples = [{"text": "pr", "matches": {"print"}}]
    complete_code_samples = ["print 1"]
    incomplete_code_samples = ["if {"]
    invalid_code_samples = [")"]
    code_generate_error = "fail boom"
    code_execute_result = [{"code": "value 1", "result": "1"}, {"code": "value 12", "result": "12"}]
    code_display_data = [{"code": "display text/html <b>", "mime": "text/html"}, {"code": "binary", "mime": "image/png"}]
    code_history_pattern = "value 1?*"
    supported_history_operations = ("tail", "range", "search")
    code_page_something = "print?"
    code_inspect_sample = "print"
    code_clear_output = "clear"


if __name__ == "__main__":
    unittest.main(verbosity=2)
