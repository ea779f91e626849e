/** What happens to a picture between its file and the network. Knows no data set and no device. */
package gradus.data.transform;
