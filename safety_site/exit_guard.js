// placeholder until the guard lands
