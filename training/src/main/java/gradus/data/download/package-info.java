/** Brings the files of public data sets into a folder, checked, once. */
package gradus.data.download;
