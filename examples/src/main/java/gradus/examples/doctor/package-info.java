/**
 * Runs with a known fault, and healthy ones, to judge the training doctor by. One more is one
 * {@link gradus.examples.doctor.Scenario}: a {@link gradus.examples.doctor.Recipe} with one thing
 * changed, and the diagnosis that is right.
 */
package gradus.examples.doctor;
