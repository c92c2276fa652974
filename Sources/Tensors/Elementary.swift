/// Bounds of the error of the kernels' own functions, in units in the last place of the exact result rounded to a float.
/// Measured over every float of the range, against double precision; a correctly rounded function has 0.5.
package enum Elementary {
    /// exp, for results from the smallest denormal to the largest float.
    package static let exponentialError = 1.0
    /// log, for every positive float.
    package static let logarithmError = 1.0
}
