internal import Glibc

/// The system's words for an errno.
enum SystemErrorText {
    static func of(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "errno \(code)" }
        return unsafe "\(String(cString: text)) (errno \(code))"
    }
}
