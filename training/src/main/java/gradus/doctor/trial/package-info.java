/** Short runs on a copy of the state, with one thing changed, to see whether it is the cause. */
package gradus.doctor.trial;
