//! What must be on the machine. On Debian as root it is installed; elsewhere the one line to type is said.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::shell;

/// Something that a command needs, by the name of its Debian package.
struct Need {
    package: &'static str,
    /// A shell test that succeeds when it is there, however it came.
    test: &'static str,
}

/// Beside Rust, which runs this program. The fonts are for the papers that the platform makes.
const BUILDING: [Need; 4] = [
    Need { package: "gcc", test: "command -v cc" },
    Need { package: "nodejs", test: "command -v node" },
    Need { package: "npm", test: "command -v npm" },
    Need { package: "fonts-noto-cjk", test: "ls /usr/share/fonts/*/noto/*CJK* || fc-list :lang=zh | grep -q ." },
];

/// The browser, the other database, a security module in software, and the outside judges of what we make.
const TESTING: [Need; 9] = [
    Need {
        package: "chromium",
        test: "command -v chromium || command -v chromium-browser || command -v google-chrome",
    },
    Need { package: "postgresql", test: "ls /usr/lib/postgresql/*/bin/initdb || command -v initdb" },
    Need {
        package: "softhsm2",
        test: "ls /usr/lib/softhsm/libsofthsm2.so || ls /usr/lib64/pkcs11/libsofthsm2.so || command -v softhsm2-util",
    },
    Need { package: "qpdf", test: "command -v qpdf" },
    Need { package: "poppler-utils", test: "command -v pdfsig" },
    Need {
        package: "python3-venv",
        test: "if [ -x /usr/bin/python3 ]; then /usr/bin/python3 -c 'import ensurepip, venv'; else python3 -c 'import ensurepip, venv'; fi",
    },
    Need { package: "openssl", test: "command -v openssl" },
    Need { package: "perl", test: "perl -MFile::Compare -MIPC::Cmd -e 1" },
    Need { package: "make", test: "command -v make" },
];

/// Everything, for tests and measurements.
pub fn setup() -> Result<()> {
    for_building()?;
    provide(&missing(&TESTING))?;
    shell::say("setup: everything needed is there");
    Ok(())
}

/// What `run` and `dist` need.
pub fn for_building() -> Result<()> {
    provide(&missing(&BUILDING))
}

/// Debian packages that one step needs beyond the usual, for example the second compiler of the WASM fallback.
pub fn extra(packages: &[&'static str]) -> Result<()> {
    let missing: Vec<_> = packages.iter().copied().filter(|package| !installed(package)).collect();
    provide(&missing)
}

/// Whether packages can be had from Debian's archive at all.
pub fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && shell_test("command -v apt-get")
}

fn missing(needs: &[Need]) -> Vec<&'static str> {
    needs.iter().filter(|need| !shell_test(need.test)).map(|need| need.package).collect()
}

fn installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    shell::read(&mut query).is_ok_and(|status| status == "installed")
}

fn provide(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if !is_debian() {
        bail!("please install (names as in Debian): {list}");
    }
    if !is_root() {
        bail!("please type: sudo apt-get install --no-install-recommends {list}");
    }
    let folder = Path::new("/");
    shell::run(shell::command("apt-get", folder).args(["update", "--quiet=2"]))?;
    let mut install = shell::command("apt-get", folder);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    install.args(["install", "--yes", "--quiet=2", "--no-install-recommends"]).args(packages);
    shell::run(&mut install)
}

/// Whether this program may do everything.
pub fn is_root() -> bool {
    // The owner of this process's own folder in /proc is the effective user.
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn shell_test(test: &str) -> bool {
    shell::succeeds(shell::command("sh", Path::new("/")).args(["-c", test]))
}
