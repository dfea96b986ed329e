// Package notebook reads, runs and writes Jupyter notebooks (nbformat 4) and
// turns them into HTML pages, without Jupyter.
//
// [Read] takes any version from 4.0 to 4.5 and keeps what it does not know;
// [Notebook.Write] gives the bytes that Jupyter would. [Execute] runs the code
// cells on a [worker.Engine] and stores their outputs as nbclient does.
// [Notebook.HTML] makes a page that needs no other file, and
// [Notebook.ExtractImages] writes the pictures out.
package notebook
