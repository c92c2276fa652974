/// "1.5" for "1500000000" seeds; the text itself when it is no number.
func fig(_ seeds: String) -> String {
    guard let seeds = UInt64(seeds) else { return seeds }
    let whole = seeds / 1_000_000_000
    var fraction = String(seeds % 1_000_000_000)
    if fraction == "0" { return "\(whole)" }
    fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(whole).\(fraction)"
}
