#!/bin/sh
echo no json
