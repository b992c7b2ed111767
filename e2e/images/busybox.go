package images

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// Busybox is the reference of the image every shell test uses.
const Busybox = "podsim.test/busybox:1"

// busyboxPath is where the static busybox of the machine lies.
const busyboxPath = "/bin/busybox"

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
app:x:1000:1000:app:/home:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
`

const group = `root:x:0:
daemon:x:1:
app:x:1000:
extra:x:2000:app
nogroup:x:65534:
`

// busybox is a small Linux of one static program under all its names.
func busybox() (Image, error) {
	files, err := busyboxFiles()
	if err != nil {
		return Image{}, err
	}
	return Image{
		Tags:   []string{Busybox},
		Files:  files,
		Config: Config{Env: []string{searchPath}, Cmd: []string{"sh"}},
	}, nil
}

func busyboxFiles() ([]File, error) {
	program, err := os.ReadFile(busyboxPath)
	if err != nil {
		return nil, fmt.Errorf("read static busybox: %w", err)
	}
	applets, err := exec.Command(busyboxPath, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("list busybox applets: %w", err)
	}
	files := append(systemFiles(), File{Path: "bin/busybox", Mode: 0o755, Body: program})
	for _, name := range strings.Fields(string(applets)) {
		if name != "busybox" {
			files = append(files, File{Path: "bin/" + name, Link: "busybox"})
		}
	}
	return files, nil
}

// systemFiles are the directories and the accounts programs expect.
func systemFiles() []File {
	files := []File{
		{Path: "tmp", Mode: fs.ModeDir | fs.ModeSticky | 0o777},
		{Path: "home", Mode: dirMode, UID: 1000, GID: 1000},
		{Path: "root", Mode: fs.ModeDir | 0o700},
		text("etc/passwd", passwd),
		text("etc/group", group),
		text("etc/nsswitch.conf", "hosts: files dns\n"),
	}
	for _, path := range []string{"bin", "etc", "usr", "usr/bin", "usr/sbin", "sbin", "var", "var/run"} {
		files = append(files, dir(path))
	}
	return files
}
