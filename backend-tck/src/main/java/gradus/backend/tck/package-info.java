/**
 * The conformance kit: what a backend must do to be one. A backend's own test extends {@link
 * gradus.backend.tck.BackendTck} in about ten lines and inherits every check.
 */
package gradus.backend.tck;
