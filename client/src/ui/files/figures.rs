//! Sizes, speeds and times as people read them.

use vong_session::Millis;

use crate::ui::text::t;

/// A number of bytes, with its unit (SI prefixes).
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return [&bytes.to_string(), " B"].concat();
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), " ", UNITS[unit]].concat()
}

/// How much longer it takes.
pub(super) fn left(span: Millis) -> String {
    let seconds = span.0.div_ceil(1_000);
    if seconds < 100 {
        t().seconds_left(&seconds.to_string())
    } else {
        t().minutes_left(&seconds.div_ceil(60).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_few_digits_and_a_unit() {
        let cases: [(u64, &str); 8] = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (70_001, "70.0 kB"),
            (999_999, "999.9 kB"),
            (100_000_000, "100.0 MB"),
            (2_000_000_000, "2.0 GB"),
            (1 << 40, "1.0 TB"),
        ];
        for (bytes, said) in cases {
            assert_eq!(size(bytes), said);
        }
    }
}
