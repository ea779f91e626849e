/** What may be done to a run that goes on, once the cause of its trouble is confirmed. */
package gradus.doctor.treatment;
