/**
 * The training doctor: says why a run does not converge, proves it by changing what looks like the
 * cause, and names the remedy. {@link gradus.doctor.Doctor} is where to begin.
 *
 * <p>No symptom, no diagnosis: a statistic that looks unusual is a note until the run itself shows
 * that something is wrong with it.
 */
package gradus.doctor;
