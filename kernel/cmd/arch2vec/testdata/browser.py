"""Drives the kernel in a real browser: Chromium, headless, in front of Jupyter
Notebook. It runs a notebook's cells as a person would, watches the progress bar
move and the plot appear, and interrupts an endless loop.

Usage: browser.py PICTURE    (a screenshot is written there)

Needs Debian's chromium and jupyter-notebook, whose tornado speaks the DevTools
protocol. Jupyter has to find the kernel: set JUPYTER_PATH.
"""
import asyncio
import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from tornado.websocket import websocket_connect

CELLS = [
    'import ("fmt"; "time")\nfmt.Println("hello from a cell")',
    'bar := display.NewProgress("counting", 20)\nfor range 20 {\n\ttime.Sleep(100 * time.Millisecond)\n\tbar.Add(1)\n}\nbar.Finish()',
    'import (\n\t"math"\n\t"gonum.org/v1/plot"\n\t"gonum.org/v1/plot/plotter"\n)\np := plot.New()\np.Title.Text = "a plot"\n'
    'sine, _ := plotter.NewLine(plotter.XYs{})\nfor i := range 100 {\n\tx := float64(i) / 10\n'
    '\tsine.XYs = append(sine.XYs, plotter.XY{X: x, Y: math.Sin(x)})\n}\np.Add(sine)\np',
    '[]struct{ Name string; Value float64 }{{"a", 1.5}, {"b", 2.25}}',
    'display.Math(`e^{i\\pi}+1=0`)',
    '%time x := 6 * 7\n$ echo from the shell\nx',
    'for {\n}',
    '"still alive"',
]


def notebook(cells):
    return {
        "nbformat": 4, "nbformat_minor": 4,
        "metadata": {"kernelspec": {"name": "arch2vec", "display_name": "Go (arch2vec)", "language": "go"}},
        "cells": [{"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None} for s in cells],
    }


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(what, probe, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        try:
            got = probe()
            if got:
                return got
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("waited in vain for " + what)


class Page:
    """One tab, over the DevTools protocol."""

    def __init__(self, socket):
        self.socket, self.number = socket, 0

    async def call(self, method, **params):
        self.number += 1
        await self.socket.write_message(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.read_message(), 60))
            if message.get("id") == self.number:
                if "error" in message:
                    raise SystemExit("%s: %s" % (method, message["error"]))
                return message["result"]

    async def run(self, script):
        result = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        return result["result"].get("value")

    async def until(self, what, script, seconds=60):
        end = time.time() + seconds
        while time.time() < end:
            if await self.run("(() => { try { return !!(%s) } catch (e) { return false } })()" % script):
                return
            await asyncio.sleep(0.1)
        raise SystemExit("waited in vain for " + what)


def output(cell):
    return "Jupyter.notebook.get_cell(%d).output_area.element[0]" % cell


def busy(cell):
    return "Jupyter.notebook.get_cell(%d).element[0].classList.contains('running')" % cell


async def drive(devtools, address, picture):
    request = urllib.request.Request("http://127.0.0.1:%d/json/new?about:blank" % devtools, method="PUT")
    target = json.load(urllib.request.urlopen(request))
    page = Page(await websocket_connect(target["webSocketDebuggerUrl"], max_message_size=1 << 28))
    await page.call("Page.enable")
    await page.call("Emulation.setDeviceMetricsOverride", width=1100, height=2300, deviceScaleFactor=1, mobile=False)
    await page.call("Page.navigate", url=address)
    await page.until("the kernel in the page", "Jupyter.notebook.kernel.is_connected() && Jupyter.notebook._fully_loaded")

    run = "Jupyter.notebook.get_cell(%d).execute()"
    await page.run(run % 0)
    await page.until("the text of cell 1", output(0) + ".innerText.includes('hello from a cell')")

    # The bar is the inner of two boxes, whose width is the part done.
    await page.run(run % 1)
    widths = []
    end = time.time() + 60
    while time.time() < end:
        w = await page.run("(() => { const b = %s.querySelector('div[style*=\"height:100%%\"], div[style*=\"height: 100%%\"]'); return b ? b.style.width : null })()" % output(1))
        if w and (not widths or widths[-1] != w):
            widths.append(w)
        if widths and widths[-1] == "100%" and not await page.run(busy(1)):
            break
        await asyncio.sleep(0.05)
    values = [float(w.rstrip("%")) for w in widths]
    if len(values) < 5 or values != sorted(values) or values[-1] != 100:
        raise SystemExit("the progress bar did not move as it should: %s" % widths)
    bars = await page.run(output(1) + ".querySelectorAll('div.output_html').length")
    if bars != 1:
        raise SystemExit("the progress bar is %s outputs" % bars)

    await page.run(run % 2)
    await page.until("the plot", "(i => i && (i.tagName === 'svg' || i.naturalWidth > 400))(%s.querySelector('img, svg'))" % output(2))
    await page.run(run % 3)
    await page.until("the table", output(3) + ".querySelectorAll('table tr').length === 3")
    await page.run(run % 4)
    await page.until("the formula", output(4) + ".querySelector('.MathJax, .MathJax_SVG, math')")
    await page.run(run % 5)
    await page.until("magics", "(t => t.includes('Wall time') && t.includes('from the shell') && t.includes('42'))(%s.innerText)" % output(5))

    await page.run(run % 6)
    await page.until("the endless loop", busy(6))
    await page.run("Jupyter.notebook.kernel.interrupt()")
    await page.until("the end of the loop", output(6) + ".innerText.toLowerCase().includes('interrupted')", 20)
    await page.run(run % 7)
    await page.until("the cell after it", output(7) + ".innerText.includes('still alive')")

    # What the page offers while one types.
    await page.run("window.found = null; Jupyter.notebook.kernel.complete('fmt.Printl', 10, m => window.found = m.content.matches)")
    await page.until("completions", "window.found.includes('Println') || window.found.includes('fmt.Println')")

    await asyncio.sleep(0.5)
    shot = await page.call("Page.captureScreenshot", format="png")
    with open(picture, "wb") as f:
        f.write(base64.b64decode(shot["data"]))
    print("progress:", " ".join(widths))


def main(picture):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "test.ipynb"), "w") as f:
            json.dump(notebook(CELLS), f)
        port, token = free_port(), secrets.token_hex(8)
        server = subprocess.Popen(
            [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=%d" % port,
             "--NotebookApp.token=" + token, "--notebook-dir=" + folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        browser = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0",
             "--remote-allow-origins=*", "--user-data-dir=" + os.path.join(folder, "profile"), "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            where = os.path.join(folder, "profile", "DevToolsActivePort")
            devtools = int(wait("the browser", lambda: os.path.exists(where) and open(where).read()).split()[0])
            address = "http://127.0.0.1:%d" % port
            wait("Jupyter Notebook", lambda: urllib.request.urlopen("%s/api/status?token=%s" % (address, token)).status == 200)
            asyncio.run(drive(devtools, "%s/notebooks/test.ipynb?token=%s" % (address, token), picture))
        finally:
            for process, end in ((browser, signal.SIGTERM), (server, signal.SIGTERM)):
                os.killpg(process.pid, end)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)


main(sys.argv[1])
