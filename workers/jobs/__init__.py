"""The RQ jobs. Each is a batch: it takes ids, does all the work there is, and is safe to run twice."""
