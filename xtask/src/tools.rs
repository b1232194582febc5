//! The list of everything these commands install, with versions. How it is installed is `install.rs`'s business.

/// The target of the page.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A program that comes as a crate.
pub(crate) struct CargoTool {
    /// The crate.
    pub(crate) package: &'static str,
    /// The program that tells its version with `--version`.
    pub(crate) program: &'static str,
    /// The one version that will do.
    pub(crate) version: Version,
    /// Further arguments of `cargo install`.
    pub(crate) flags: &'static [&'static str],
    /// How long the installation takes on two cores.
    pub(crate) takes: &'static str,
}

/// Where a tool's version is written down.
#[derive(Clone, Copy)]
pub(crate) enum Version {
    /// Here.
    Pinned(&'static str),
    /// In `Cargo.lock`: the version of this package, which the tool has to match exactly.
    Locked(&'static str),
}

/// Builds the page. 0.22 needs a later compiler than the project's. It checks for wasm-bindgen itself, and downloads
/// nothing once that is there, so it needs no more than its TLS library to compile.
pub(crate) const TRUNK: CargoTool = CargoTool {
    package: "trunk",
    program: "trunk",
    version: Version::Pinned("0.21.14"),
    flags: &["--locked", "--no-default-features", "--features", "rustls"],
    takes: "3 minutes",
};

/// Makes the page's JavaScript, and runs its tests in a browser. Its own lock file names a withdrawn crate.
pub(crate) const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: Version::Locked("wasm-bindgen"),
    flags: &[],
    takes: "a minute",
};

/// Drives Firefox.
pub(crate) const GECKODRIVER: CargoTool = CargoTool {
    package: "geckodriver",
    program: "geckodriver",
    version: Version::Pinned("0.37.1"),
    flags: &["--locked"],
    takes: "a minute",
};

/// A program that comes from the system. Its version is the system's.
pub(crate) struct SystemTool {
    /// What it is called, to people.
    pub(crate) name: &'static str,
    /// Programs that will do, by preference.
    pub(crate) programs: &'static [&'static str],
    /// The Debian package.
    pub(crate) package: &'static str,
}

/// What the browser tests need from the system.
pub(crate) const BROWSERS: &[SystemTool] = &[
    SystemTool {
        name: "Chromium",
        programs: &["chromium", "chromium-browser", "google-chrome"],
        package: "chromium",
    },
    SystemTool {
        name: "chromedriver, of Chromium's version",
        programs: &["chromedriver"],
        package: "chromium-driver",
    },
    SystemTool { name: "Firefox", programs: &["firefox", "firefox-esr"], package: "firefox-esr" },
];

/// What the server's tests talk to, where it is there; without it those tests are skipped, and say so.
pub(crate) const TEST_SERVERS: &[SystemTool] =
    &[SystemTool { name: "Pebble, an ACME directory", programs: &["pebble"], package: "pebble" }];

/// The same, for those whose packages start a service at once and with every boot. A machine that is used for other
/// things should not get them unasked.
pub(crate) const TEST_SERVICES: &[SystemTool] = &[
    SystemTool { name: "nginx", programs: &["nginx"], package: "nginx-light" },
    SystemTool { name: "Caddy", programs: &["caddy"], package: "caddy" },
    SystemTool { name: "HAProxy", programs: &["haproxy"], package: "haproxy" },
    COTURN,
];

/// A package of the npm registry, and the one version that will do.
pub(crate) struct NpmPackage {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

/// What the browser tests take from there: the rules of accessibility, which are loaded into pages, and Lighthouse, which runs
/// with node. A later Lighthouse needs a later node than Debian's.
pub(crate) const NPM_PACKAGES: &[NpmPackage] = &[
    NpmPackage { name: "axe-core", version: "4.14.1" },
    NpmPackage { name: "lighthouse", version: "12.8.2" },
];

/// Gets them. Installed in CI alone: elsewhere it is the person's, or the tests that need them are skipped.
pub(crate) const NPM: SystemTool = SystemTool { name: "npm", programs: &["npm"], package: "npm" };

/// A TURN server to work with and to be measured against, and its clients.
pub(crate) const COTURN: SystemTool =
    SystemTool { name: "coturn", programs: &["turnserver"], package: "coturn" };

/// What makes network namespaces.
pub(crate) const IP: SystemTool = SystemTool { name: "ip", programs: &["ip"], package: "iproute2" };

/// What measuring needs beyond the tests' needs.
pub(crate) const RIVALS: &[SystemTool] = &[COTURN, IP];

/// What the tests between networks need from the system, where they run at all: Linux, as root.
pub(crate) const LAB: &[SystemTool] = &[
    IP,
    SystemTool { name: "nft", programs: &["nft"], package: "nftables" },
    SystemTool { name: "conntrack", programs: &["conntrack"], package: "conntrack" },
    COTURN,
];
