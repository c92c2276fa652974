extension HeightMachine {
    /// T-start (line 10). Messages that came before are kept, and looked at now.
    mutating func take(start effects: inout [Effect]) {
        guard !hasStarted else { return }
        hasStarted = true
        start(round: 0, &effects)
    }
}
