/** What can be said about data and network before the first step. */
package gradus.doctor.preflight;
