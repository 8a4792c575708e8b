//! The judges: verifiers of other hands from PyPI in a folder of their own. gmssl and gmalg compute SM2 and SM3,
//! pkilint knows what a certificate and a revocation list must look like.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell;

/// With exact versions: a judge that changes its mind should do so in a commit.
const PACKAGES: [&str; 3] = ["gmalg==1.1.2", "gmssl==3.2.2", "pkilint==0.13.3"];

/// Python with the judges in it; installs them under `target/judges` when they are not there.
pub fn prepare(target: &Path) -> Result<PathBuf> {
    let folder = target.join("judges");
    let venv = folder.join("venv");
    let python = venv.join("bin").join("python");
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && works(&python) {
        return Ok(python);
    }
    shell::say("judges: installing gmalg, gmssl and pkilint, once");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Debian's Python first: python3-venv belongs to it, and another one may stand before it in PATH.
    let debians = "/usr/bin/python3";
    let base = if Path::new(debians).exists() { debians } else { "python3" };
    shell::run(shell::command(base, &folder).args(["-m", "venv", "--clear", "venv"]))?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    shell::run(&mut install)?;
    ensure!(works(&python), "the judges were installed in {} but do not start", venv.display());
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

fn works(python: &Path) -> bool {
    shell::succeeds(Command::new(python).args(["-c", "import gmalg, gmssl, pkilint, pyasn1"]))
}
