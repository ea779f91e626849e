/** The causes the doctor knows, one file each, in the order in which it considers them. */
package gradus.doctor.cause;
