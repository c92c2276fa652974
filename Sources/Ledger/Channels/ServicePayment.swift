/// How one payment for a service was divided.
package struct ServicePayment: Hashable, Sendable {
    package var provider: Amount
    /// Pays the committees that audit answers.
    package var auditPool: Amount
    package var treasury: Amount

    package var total: Amount { provider + auditPool + treasury }
}
