//! What many measurements come to.

/// Where the middle of the values lies, and how far they are apart. In the values' own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) lower_quartile: f64,
    pub(crate) median: f64,
    pub(crate) upper_quartile: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// `None` of no values.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            least: *sorted.first()?,
            lower_quartile: quarter(&sorted, 1),
            median: quarter(&sorted, 2),
            upper_quartile: quarter(&sorted, 3),
            most: *sorted.last()?,
        })
    }
}

/// The value `quarters` fourths of the way from the least to the most, interpolated linearly.
fn quarter(sorted: &[f64], quarters: usize) -> f64 {
    let steps = (sorted.len() - 1) * quarters;
    let (below, above) = (sorted[steps / 4], sorted[steps.div_ceil(4)]);
    #[expect(clippy::cast_precision_loss, reason = "0 to 3")]
    let part = (steps % 4) as f64 / 4.0;
    below + (above - below) * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_values() {
        let spread = Spread::of([4.0, 1.0, 3.0, 2.0]).unwrap();
        let expected =
            Spread { least: 1.0, lower_quartile: 1.75, median: 2.5, upper_quartile: 3.25, most: 4.0 };
        assert_eq!(spread, expected);
        assert_eq!(Spread::of([7.0]).map(|spread| spread.median), Some(7.0));
        assert_eq!(Spread::of([]), None);
    }
}
