/** A decorator that finds misuse of any backend: for tests, and for hunting a bug. */
package gradus.backend.checked;
