/** Which labels of a data set are likely to be wrong. */
package gradus.doctor.labels;
